"""What takes long to import and asks for no settings: imported once, by what `forked` forks."""

# ruff: noqa: F401
import asyncio
import gc

import celery.bin.celery
import celery.worker
import cryptography.x509
import django.contrib.postgres.fields
import django.contrib.postgres.search
import django.core.mail
import django.core.management.commands.check
import django.core.management.commands.migrate
import django.db.backends.postgresql.base
import django.db.backends.sqlite3.base
import django.db.migrations.executor
import django.forms
import django.middleware.csrf
import django.template.defaulttags
import django.template.loader_tags
import django.views.generic
import gunicorn.app.wsgiapp
import httpx
import icalendar
import jwt
import kombu.transport.redis
import kombu.transport.sqlalchemy
import requests
import rich.progress
import uritemplate
import whitenoise
import yaml

import governance.deadlines
import meetings.logs
import meetings.minutes
import releases.references
import releases.schedules

gc.collect()
gc.freeze()
