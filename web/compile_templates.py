"""`python -m web.compile_templates`: compiles all templates, so that no server has to.

For an installation whose files the server's account may not write.
"""

from asgi.policy import Policy
from web import i18n, templating


def main() -> None:
    for locale in i18n.LOCALES:
        templating.templates(locale, Policy()).load_all()


if __name__ == "__main__":
    main()
