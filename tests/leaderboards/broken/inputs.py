"""Bad inputs: wrong words, submissions that are none, data that are none."""

from __future__ import annotations

from tests.leaderboards.broken.cases import Case, both, given, linked, piped, taped

COCO = "val/annotations/instances_val2017.json"
REQUEST = "--save-request FILE' writes one"
WORDS = {
    "unknown task": Case("run cost", ("unknown task 'cost'",), "did you mean 'cots'?"),
    "unknown profile": Case("board cots --profile egde", ("'egde'",), "did you mean 'edge'?"),
    "unknown scenario": Case("board cots --scenario offlin", ("'offlin'",), "did you mean 'offline'?"),
    "unknown isolation": Case("run {tiny} honest --isolation glass", ("'glass'",), "known: bare"),
    "unknown record": Case("show ffff", ("unknown record 'ffff'",), "known: "),
    "negative seed": Case("run cots --seed -1", ("--seed",), "greater than or equal to 0"),
    "two forms": Case("board cots --json --markdown", ("--json and --markdown",), "choose one of them"),
    "final of an open board": Case("board cots --final", ("this board is open",), "'boards close cots'"),
    "shipped team": Case("run {tiny} honest --team Photofinish", ("'photofinish'",), "choose another name"),
    "no request": Case("evaluate {other}/none.json", ("{other}/none.json",), REQUEST),
    "garbage request": Case("evaluate {other}/r.json", ("{other}/r.json",), REQUEST, given("r.json", "{")),
    "request a pipe": Case("evaluate {other}/r.json", ("{other}/r.json", "a pipe"), REQUEST, piped("r.json")),
    "request without an end": Case("evaluate /dev/zero", ("/dev/zero", "a device"), REQUEST),
    "no trail": Case(
        "verify {other}/trail.json", ("{other}/trail.json",), "'host FOLDER --close' writes one"
    ),
    "garbage trail": Case(
        "verify {other}/t.json",
        ("{other}/t.json",),
        "'host FOLDER --close' writes one",
        given("t.json", "[]"),
    ),
    "no competition": Case(
        "host {other}", ("{other}/competition.toml",), "a competition is a folder with it"
    ),
    "garbage competition": Case(
        "host {other}",
        ("{other}/competition.toml",),
        "docs/competitions.md shows one",
        given("competition.toml", b"\xff="),
    ),
    "empty competition": Case(
        "host {other}",
        ("{other}/competition.toml", "slug"),
        "docs/competitions.md",
        given("competition.toml"),
    ),
}
SUBMISSIONS = {
    "submission missing": Case(
        "run {tiny} {other}/x.py", ("{other}/x.py",), "give the path of a file or folder"
    ),
    "submission a text": Case(
        "run {tiny} {other}/x.txt", ("x.txt is no submission",), "give a file (", given("x.txt")
    ),
    "submission an empty folder": Case(
        "run {tiny} {other}/x", ("x is no submission",), "submission.py", given("x/y.txt")
    ),
    "submission a link": Case(
        "run {tiny} {other}/entry", ("submission.py is a link or a device",), "ship plain files", linked
    ),
    "submission a pipe": Case(
        "run {tiny} {other}/entry.py", ("{other}/entry.py is neither",), "ship plain files", piped("entry.py")
    ),
    "archive garbage": Case(
        "run {tiny} {other}/x.zip",
        ("x.zip cannot be unpacked",),
        "pack the files of its folder again",
        given("x.zip", b"PK\3\4garbage"),
    ),
    "archive that leads out": Case(
        "run {tiny} {other}/entry.tar.gz",
        ("entry.tar.gz", "leads out of it"),
        "pack the files of its folder again",
        taped,
    ),
}
DATA = {
    "from nowhere": Case(
        "data segmentation --from {other}/none", ("{other}/none",), "--from takes COCO's layout"
    ),
    "from empty annotations": Case(
        "data segmentation --from {other}/val",
        (COCO, "is no JSON"),
        "--from takes COCO's layout",
        given(COCO),
    ),
    "from other annotations": Case(
        "data segmentation --from {other}/val",
        (COCO, "is not in COCO's format"),
        "--from takes COCO's layout",
        given(COCO, "{}"),
    ),
    "from annotations that are a pipe": Case(
        "data segmentation --from {other}",
        ("{other} has no annotations/instances_val2017.json",),
        "--from takes COCO's layout",
        both(given("annotations/x"), piped("annotations/instances_val2017.json")),
    ),
    "from a folder without a table": Case(
        "data cots --from {other}", ("{other} has no train.csv",), "--from takes Kaggle's layout"
    ),
    "from an empty table": Case(
        "data cots --from {other}", ("{other}/train.csv",), "--from takes Kaggle's layout", given("train.csv")
    ),
    "from empty clicks": Case(
        "data recommender --from {other}",
        ("{other}/train.txt is empty",),
        "--from takes a folder with adult.csv",
        given("train.txt"),
    ),
    "from short clicks": Case(
        "data recommender --from {other}",
        ("{other}/train.txt: line 1 has 1 columns",),
        "--from takes a folder with adult.csv",
        given("train.txt", "1\n"),
    ),
    "from binary census": Case(
        "data recommender --from {other}",
        ("{other}/adult.csv",),
        "--from takes a folder with adult.csv",
        given("adult.csv", bytes(range(256))),
    ),
    "from a schema of nothing": Case(
        "data recommender --from {other}",
        ("{other}/schema.json",),
        "docs/recommender.md shows one",
        both(given("schema.json", "[]"), given("train.parquet", b"x")),
    ),
    "from broken arrays": Case(
        "data ssl --from {other}/x.npz",
        ("{other}/x.npz cannot be read",),
        "--from takes FILE.npz with train_x, train_y, test_x, test_y",
        given("x.npz", b"PK\3\4"),
    ),
    "from no arrays": Case(
        "data ssl --from {other}/none.npz", ("{other}/none.npz",), "--from takes FILE.npz with train_x"
    ),
    "from another archive": Case(
        "data ssl --data cifar10 --from {other}/x.tar.gz",
        ("{other}/x.tar.gz",),
        "remove it, run again",
        given("x.tar.gz"),
    ),
    "from no stream": Case(
        "data drift --from {other}/x.csv", ("{other}/x.csv",), "--from takes a CSV file with a column 'class'"
    ),
    "from a stream without classes": Case(
        "data drift --from {other}/x.csv",
        ("{other}/x.csv",),
        "--from takes a CSV file with a column 'class'",
        given("x.csv", "a,b\n1,2\n"),
    ),
    "from no reviews": Case(
        "data text --from {other}/x.parquet", ("{other}/x.parquet",), "--from takes a .parquet file"
    ),
    "from binary reviews": Case(
        "data text --from {other}/x.parquet",
        ("{other}/x.parquet",),
        "--from takes a .parquet file",
        given("x.parquet", b"PAR1"),
    ),
    "from no pictures": Case(
        "data retrieval --from {other}", ("{other}",), "--from takes a folder with a folder of pictures"
    ),
    "from no photographs": Case(
        "data super_resolution --from {other}", ("{other}",), "--from takes a folder of pictures"
    ),
    "from no weights": Case(
        "data tiny_latency --from {other}/w.npz", ("{other}/w.npz",), "docs/tiny_latency.md", given("w.npz")
    ),
}
CASES = {**WORDS, **SUBMISSIONS, **DATA}
