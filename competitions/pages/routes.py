"""The addresses of the pages, in the order in which they are looked at."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from competitions.pages import (
    browsing,
    entering,
    host_pages,
    job_pages,
    live,
    machine_pages,
    people_pages,
    sending,
    team_pages,
)
from competitions.pages.rendering import STATIC
from competitions.pages.visits import HOME, PEOPLE, page

_ONE = HOME + "/{slug}"
_SUBMISSION = _ONE + "/submissions/{number:int}"

ROUTES: tuple[BaseRoute, ...] = (
    page(HOME, browsing.listing),
    Mount(f"{PEOPLE}/static", StaticFiles(directory=STATIC)),
    page(f"{PEOPLE}/sign-up", people_pages.sign_up_form, people_pages.sign_up),
    page(f"{PEOPLE}/sign-in", people_pages.sign_in_form, people_pages.sign_in),
    page(f"{PEOPLE}/sign-out", act=people_pages.sign_out),
    page(f"{PEOPLE}/account", people_pages.account),
    page(f"{PEOPLE}/token", act=people_pages.new_token),
    page(f"{PEOPLE}/machines", machine_pages.machines),
    Route(f"{HOME}/upload/form/{{slug}}", sending.send, methods=["POST"]),
    page(_ONE, browsing.overview),
    page(f"{_ONE}/data", browsing.data),
    page(f"{_ONE}/rules", browsing.rules, browsing.accept),
    page(f"{_ONE}/board", browsing.board),
    page(f"{_ONE}/submit", entering.submit),
    Route(f"{_ONE}/live", live.live, methods=["GET"]),
    page(f"{_ONE}/submissions", entering.mine),
    page(_SUBMISSION, entering.one),
    page(f"{_SUBMISSION}/final", act=entering.select),
    page(f"{_SUBMISSION}/cancel", act=entering.cancel),
    page(f"{_SUBMISSION}/resubmit", act=entering.resubmit),
    page(f"{_ONE}/team", team_pages.team, team_pages.change),
    page(f"{_ONE}/team/invitations/{{number:int}}", act=team_pages.reply),
    page(f"{_ONE}/host", host_pages.host),
    page(f"{_ONE}/host/disqualify", act=host_pages.disqualify),
    page(f"{_ONE}/host/extend", act=host_pages.extend),
    page(f"{_ONE}/host/close", act=host_pages.close),
    page(f"{_ONE}/host/submissions/{{number:int}}", job_pages.job),
    Route(f"{_ONE}/host/submissions/{{number:int}}/live", live.job, methods=["GET"]),
)
"""Given to ``competitions.api.site.create_site``."""
