"""Whether this machine can set PDFs: where the fonts are missing, those tests are left out."""

import os

from reviews import fonts

NO_FONTS = ""
try:
    fonts.faces()
except fonts.FontsMissing as missing:
    if os.environ.get("CI") == "true":
        raise
    NO_FONTS = f"PDFs need {missing} (docs/operations.md, section 10)"
