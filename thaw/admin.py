"""Webhooks with what became of their deliveries, everybody's tokens, and logins, to look after."""

from typing import Any

import allauth.account.admin
import allauth.socialaccount.admin  # noqa: F401 both register what we take away again below
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables

from governance.models import Decision, Delivery, Webhook
from releases.admin import ReadOnly
from releases.plurals import number_of
from thaw.models import Token

SHOWN = 50  # deliveries
POWERS = ("is_superuser", "is_staff", "groups", "user_permissions")

# Providers are set up in the environment alone; tokens and addresses are not kept.
admin.site.unregister([EmailAddress, SocialAccount, SocialApp, SocialToken])
admin.site.unregister(User)


@admin.register(User)
class LoginAdmin(UserAdmin):
    """Who looks after logins gives nobody powers, and touches no superuser: only superusers do."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *POWERS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_touch(obj, request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_touch(obj, request) and super().has_delete_permission(request, obj)


def _may_touch(login: User | None, request: HttpRequest) -> bool:
    return request.user.is_superuser or login is None or not login.is_superuser


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    list_display = ["name", "url", "is_active", "since"]
    change_form_template = "webhook_form.html"

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature
        if not change:
            last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first()
            obj.begin(at=timezone.now(), last_decision=last or 0)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        secret = self.admin_site.admin_view(self.secret_view)
        return [
            path("<int:pk>/secret/", secret, name="webhook-secret"),
            *super().get_urls(),
        ]

    @sensitive_variables("webhook")
    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows the secret to who may change the webhook, with its deliveries; POST changes it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        webhook = get_object_or_404(Webhook, pk=pk)
        if request.method == "POST":
            webhook.rotate(at=timezone.now())
            messages.success(
                request, "The secret is a new one; the old one signs beside it for a day."
            )
            return HttpResponseRedirect(reverse("admin:webhook-secret", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{webhook}: secret and deliveries",
            "webhook": webhook,
            "deliveries": webhook.deliveries.all()[:SHOWN],
        }
        response = TemplateResponse(request, "webhook.html", context)
        add_never_cache_headers(response)
        return response


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        "about", "webhook", "state", "attempts", "status_code", "detail", "next_try_at", "sent_at",
    ]  # fmt: skip
    list_select_related = ["webhook"]
    list_filter = ["state", "webhook"]
    show_full_result_count = False
    actions = ["tell_again"]

    @admin.action(description="Tell the selected again", permissions=["view"])
    def tell_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        if not request.user.has_perm("governance.change_webhook"):
            raise PermissionDenied
        told = sum(delivery.send_again(at=timezone.now()) for delivery in chosen)
        messages.success(request, f"{told} will be told again with the next round.")


@admin.register(Token)
class TokenAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        "name", "person", "start", "scope", "created_at", "expires_at", "last_used_at",
        "revoked_at",
    ]  # fmt: skip
    list_select_related = ["person"]
    fields = [
        "name", "person", "start", "scope", "created_at", "expires_at", "last_used_at",
        "revoked_at",
    ]  # fmt: skip
    actions = ["revoke"]

    @admin.action(description="Revoke the selected tokens", permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        if not request.user.has_perm("thaw.delete_token"):
            raise PermissionDenied
        now = timezone.now()
        ended = chosen.filter(revoked_at__isnull=True).update(revoked_at=now)
        messages.success(request, f"{number_of(ended, 'token')} revoked.")


@admin.register(SocialAccount)
class AccountElsewhereAdmin(ReadOnly, admin.ModelAdmin):
    """What opens which login. Deleted, the account is a stranger again."""

    list_display = ["user", "provider", "uid", "last_login"]
    list_select_related = ["user"]
    list_filter = ["provider"]
    search_fields = ["uid", "user__username"]
    fields = ["user", "provider", "uid", "extra_data", "date_joined", "last_login"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialaccount.delete_socialaccount")
