"""Forms together with the files that people send in them."""

import contextlib
from collections.abc import AsyncIterator, Iterator

from asgi.asgi_types import Request
from asgi.uploads import IncomingFile
from domain.accounts import network_icons
from domain.core.errors import Invalid
from domain.core.units import MB
from domain.media import attachments
from domain.media.processor import MediaProcessor
from settings import Settings
from web import forms, page
from web.forms import Form

LOGO = "/settings/network/logo"


def upload_paths(settings: Settings) -> dict[str, int]:
    """The beginnings of paths that take files, and the largest total of those files, in bytes.

    A post's form may be sent from several pages.
    """
    image = settings.image_mb * MB
    attached = max(image * attachments.MOST, settings.video_mb * MB, settings.audio_mb * MB)
    posts = dict.fromkeys(("/media", "/posts", "/compose", "/share", "/rules"), attached)
    return {LOGO: network_icons.MAX_BYTES, "/settings/profile/": image, **posts}


class Submission:
    """A form and the files that came with it."""

    def __init__(self, form: Form, files: list[IncomingFile]) -> None:
        self.form, self._files = form, files

    def files(self) -> Iterator[IncomingFile]:
        """Yields the files that arrived whole. Errors, after the last: ``Invalid`` for too many files or one too large,
        ``DiskFull``."""
        yield from (file for file in self._files if file.is_whole)
        if self.form.refusal is not None:
            raise self.form.refusal

    def file(self) -> IncomingFile | None:
        """The first file, if any. Errors: those of :meth:`files`."""
        return next(self.files(), None)


@contextlib.asynccontextmanager
async def submission(request: Request, processor: MediaProcessor) -> AsyncIterator[Submission]:
    """Reads a form with files. Empty file fields are left out, and all files where nobody is signed in.

    Errors: ``forms.Unreadable``.
    """
    with contextlib.ExitStack() as stack:
        files: list[IncomingFile] = []

        def open_file() -> IncomingFile:
            if len(files) >= attachments.MOST:
                raise Invalid("At most %(limit)s pictures fit into a post.", limit=attachments.MOST)
            files.append(IncomingFile(stack.enter_context(processor.open_file()), processor.rules.most))
            return files[-1]

        form = await forms.read(request, open_file if page.viewer(request).signed_in else None)
        yield Submission(form, files)
