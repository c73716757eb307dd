"""What a password must not be, in the words of this product. What is checked is Django's."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext


class LongEnough(password_validation.MinimumLengthValidator):
    def get_help_text(self) -> str:
        return gettext("%(length)d文字以上にしてください。") % {"length": self.min_length}

    def get_error_message(self) -> str:
        return gettext("短すぎます。%(length)d文字以上にしてください。") % {
            "length": self.min_length
        }


class NotLikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    def get_help_text(self) -> str:
        return gettext("ご自分の番号や名前に似たものは使えません。")

    def get_error_message(self) -> str:
        return gettext("ご自分の番号や名前に似ています。別のものにしてください。")


class NotCommon(password_validation.CommonPasswordValidator):
    def get_help_text(self) -> str:
        return gettext("よく使われているものは使えません。")

    def get_error_message(self) -> str:
        return gettext("よく使われているパスワードです。別のものにしてください。")


class NotDigitsAlone(password_validation.NumericPasswordValidator):
    def get_help_text(self) -> str:
        return gettext("数字だけのものは使えません。")

    def get_error_message(self) -> str:
        return gettext("数字だけです。ほかの文字も入れてください。")
