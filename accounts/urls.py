"""Addresses of this app."""

from django.urls import path

from accounts.views import channels, inbox, password, preferences, sign_in, telling

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("password/", password.password_reset, name="password_reset"),
    path("password/sent/", password.password_reset_done, name="password_reset_done"),
    path(
        "password/<uidb64>/<token>/",
        password.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("password/changed/", password.password_reset_complete, name="password_reset_complete"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/password/", preferences.preferences_password, name="preferences_password"),
    path("preferences/theme/", preferences.preferences_theme, name="preferences_theme"),
    path("preferences/language/", preferences.preferences_language, name="preferences_language"),
    path("preferences/after-act/", preferences.preferences_after_act, name="preferences_after_act"),
    path("preferences/chat/", channels.preferences_chat, name="preferences_chat"),
    path(
        "preferences/chat/remove/",
        channels.preferences_chat_remove,
        name="preferences_chat_remove",
    ),
    path("preferences/chat/test/", channels.preferences_chat_test, name="preferences_chat_test"),
    path("preferences/notices/", telling.preferences_told, name="preferences_told"),
    path(
        "preferences/notices/as-the-house/",
        telling.preferences_told_reset,
        name="preferences_told_reset",
    ),
    path(
        "preferences/notices/address/",
        telling.preferences_address_again,
        name="preferences_address_again",
    ),
    path("unsubscribe/<str:token>/", telling.unsubscribe, name="unsubscribe"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/seen/", inbox.inbox_seen, name="inbox_seen"),
    path("inbox/read/", inbox.inbox_read, name="inbox_read"),
    path("inbox/<int:pk>/", inbox.notice_open, name="notice_open"),
]
