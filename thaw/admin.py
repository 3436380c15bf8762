"""Webhooks with what became of their deliveries, everybody's tokens, and logins, to look after."""

from typing import Any

import allauth.account.admin
import allauth.socialaccount.admin  # noqa: F401 both register what we take away again below
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_variables

from governance.models import Decision, Delivery, Webhook
from releases.admin import ReadOnly
from releases.models import Membership
from releases.plurals import number_of
from thaw.models import Token

SHOWN = 50  # deliveries
POWERS = ("is_superuser", "is_staff", "groups", "user_permissions")

# Providers are set up in the environment alone; tokens and addresses are not kept.
admin.site.unregister([EmailAddress, SocialAccount, SocialApp, SocialToken])
admin.site.unregister([User, Group])


class WithinOwnPowers:
    """Who is no superuser changes nothing that holds powers which they have not."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)  # type: ignore[misc] # a ModelAdmin's
        return may and not self._is_beyond(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)  # type: ignore[misc] # a ModelAdmin's
        return may and not self._is_beyond(request, obj)

    def render_change_form(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Where nothing but looking is left to somebody who may change others, say why."""
        changes_others = self.has_change_permission(request)
        if changes_others and self._is_beyond(request, options.get("obj")):
            messages.warning(request, "It has rights that you have not: a superuser changes it.")
        answer: HttpResponse = super().render_change_form(request, *args, **options)  # type: ignore[misc] # the same
        return answer

    def _is_beyond(self, request: HttpRequest, obj: Any) -> bool:
        changer = request.user
        return obj is not None and not changer.is_superuser and self.exceeds(obj, changer)

    def exceeds(self, obj: Any, changer: Any) -> bool:
        """Whether this record holds more than a login does."""
        raise NotImplementedError


def _held_by(login: Any) -> QuerySet[Permission]:
    """What a login may, by itself or its groups; of one that is closed, what it could if opened."""
    return Permission.objects.filter(Q(user=login) | Q(group__user=login))


def _go_beyond(permissions: QuerySet[Permission], login: Any) -> bool:
    return permissions.exclude(pk__in=_held_by(login).values("pk")).exists()


@admin.register(User)
class LoginAdmin(WithinOwnPowers, UserAdmin):
    """Who looks after logins gives nobody powers: only superusers do."""

    def exceeds(self, obj: User, changer: Any) -> bool:
        """Whether who sets the password of this login could then do more than before.

        Roles are given on people's pages; who may change those could give them to anybody.
        """
        if obj.is_superuser or _go_beyond(_held_by(obj), changer):
            return True
        roles = Membership.objects.filter(person__user=obj).exclude(person__user=changer)
        return not changer.has_perm("releases.change_person") and roles.exists()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *POWERS)


@admin.register(Group)
class OwnGroupAdmin(WithinOwnPowers, GroupAdmin):
    """Who looks after groups gives them what they have themselves, and no more."""

    def exceeds(self, obj: Group, changer: Any) -> bool:
        return _go_beyond(obj.permissions.all(), changer)

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **options: Any
    ) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "permissions" and request and not request.user.is_superuser:
            field.queryset = field.queryset.filter(pk__in=_held_by(request.user).values("pk"))
        return field


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

    def has_tell_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("governance.change_webhook")

    @admin.action(description="Send the selected deliveries again", permissions=["tell_again"])
    def tell_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
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

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("thaw.delete_token")

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
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
