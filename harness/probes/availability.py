"""What keeps a profile, or a submission on it, from being run on this machine."""

from __future__ import annotations

from harness.probes import gpu
from harness.sandbox import paths
from harness.session import runtimes
from harness.session.worker import browser
from harness.spec import PROFILES, Profile, Submission
from harness.spec.errors import NotAvailable, UserError


def missing(profile: Profile) -> str | None:
    """What this machine lacks to run a profile, in words; None where it has everything."""
    accelerator = profile.accelerator
    if (accelerator.devices and not paths.devices(accelerator)) or (accelerator.nvml and not gpu.names()):
        return f"needs {accelerator.title} and this machine has none"
    if profile.kinds and all(runtimes.runtime(kind).page for kind in profile.kinds):
        try:
            browser()
        except NotAvailable as error:
            return f"needs a browser: {error}"
    return None


def check(profile: Profile, submission: Submission) -> None:
    """Make sure that a submission can be run on a profile here.

    Raises NotAvailable where the machine lacks what the profile needs, UserError where the profile
    runs no submissions of this kind.
    """
    if not runtimes.runs(profile, submission.kind):
        others = [name for name, other in PROFILES.items() if runtimes.runs(other, submission.kind)]
        raise UserError(
            f"profile '{profile.name}' does not run {runtimes.runtime(submission.kind).title} submissions "
            f"such as '{submission.name}'; profiles that do: {', '.join(others)}"
        )
    reason = missing(profile)
    if reason:
        raise NotAvailable(f"profile '{profile.name}' {reason}; 'doctor' shows what it has")
