"""The older wire, as version 1.6.17 of the client speaks it: multipart forms, lists without a frame."""

from __future__ import annotations

import io
import zipfile
from email.utils import parsedate_to_datetime

import httpx2

from tests.competitions.conftest import Play, right
from tests.competitions.serving import serving

API = "/api/v1/competitions"


def test_the_older_client_takes_part(play: Play) -> None:
    ann = play.account("ann")
    text = right(0.9).encode()
    with (
        serving(play.home) as port,
        httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, auth=("ann", play.tokens["ann"])
        ) as http,
    ):
        (listed,) = http.get(f"{API}/list", params={"group": "", "search": "", "page": 1}).json()
        assert (listed["ref"], listed["tags"]) == ("coins", [])
        files = http.get(f"{API}/data/list/coins").json()["files"]
        assert [file["name"] for file in files] == ["sample_submission.csv", "train.csv"]
        sent = http.get(f"{API}/data/download/coins/train.csv")
        assert sent.status_code == 302
        assert sent.headers["location"].endswith("/coins/train.csv")
        assert http.get(sent.headers["location"], auth=None).content == b"id,side\n-1,0\n"
        archive = http.get(http.get(f"{API}/data/download-all/coins").headers["location"])
        assert zipfile.is_zipfile(io.BytesIO(archive.content))
        form = {"fileName": (None, "mine.csv")}
        upload = http.post(f"{API}/coins/submissions/url/{len(text)}/1700000000", files=form).json()
        assert http.put(upload["createUrl"], content=text, auth=None).status_code == 200
        handed = {"blobFileTokens": (None, upload["token"]), "submissionDescription": (None, "é")}
        made = http.post(f"{API}/submissions/submit/coins", files=handed).json()
        assert made["message"] == "Successfully submitted to Guess the coins"
        play.judge_all()
        (mine,) = http.get(f"{API}/submissions/list/coins", params={"page": 1}).json()
        assert (mine["ref"], mine["description"], mine["status"]) == (made["ref"], "é", "COMPLETE")
        (row,) = http.get(f"{API}/coins/leaderboard/view").json()["submissions"]
        assert (row["teamName"], row["score"]) == (ann.name, mine["publicScore"])
        board = http.get(f"{API}/coins/leaderboard/download")
        assert parsedate_to_datetime(board.headers["last-modified"])
        assert zipfile.is_zipfile(io.BytesIO(board.content))
        unknown = http.get(f"{API}/data/list/coinz")
        assert (unknown.status_code, unknown.json()["message"]) == (
            404,
            "there is no competition 'coinz' here",
        )
        assert http.post(f"{API}/submissions/submit/coins", content=b"x").status_code == 400
