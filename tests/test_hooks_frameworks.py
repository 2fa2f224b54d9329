"""What the hooks promise beyond their examples, each in the hands of the real framework."""

import dataclasses
import json
import pickle
import re
import subprocess
import sys
import textwrap
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from provenance.engine.tracking import Tracker
from provenance.errors import InputError, SettingError
from provenance.hooks.annotating import (
    agencies_of,
    article_from_record,
    check_action,
    check_fields,
    opener_of,
)
from provenance.hooks.gathering import Gatherer
from provenance.model import Article, ArticleId, Mention

HARBOR = (
    "LONDON (Reuters) - The harbor of Qasr opened again on Monday after three weeks of repairs, "
    "the port authority said, and the first four ships with wheat were unloaded before noon."
)
TRAM = (
    "The council of Midan votes on Thursday on a tram line that would connect the old town with "
    "the hospital across the river; three earlier plans had failed for want of money."
)


@pytest.fixture
def store(tmp_path):
    return str(tmp_path / "news.db")


# -- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "name", "identifier"),
    [
        ({"id": "i", "url": "u", "text": "t"}, "n", "i"),
        ({"id": 7, "text": "t"}, "n", "7"),
        ({"url": "u", "text": "t"}, "n", "u"),
        ({"text": "t"}, "n", "n"),
    ],
)
def test_what_a_record_is_called(record, name, identifier):
    """Its identifier, or its address, or what the framework says."""
    assert article_from_record(record, {}, name=name).id == identifier


def test_a_record_without_any_name_is_called_after_its_text():
    """The same text has the same name, another text another."""
    one, same, other = (article_from_record({"text": text}, {}).id for text in ("a", "a", "b"))
    assert one == same != other


def test_scraped_lists_are_read():
    """One value in a list is that value; several authors are a byline; several texts are no text."""
    article = article_from_record({"text": ["t"], "byline": ["A", "B"], "title": [], "x": [1]}, {})
    assert (article.text, article.byline, article.title, article.extra) == ("t", "A, B", "", {})
    with pytest.raises(InputError, match="wrong type"):
        article_from_record({"text": ["t", "u"]}, {})


def test_settings_that_make_no_sense_are_refused():
    """Each with what there is instead."""
    with pytest.raises(SettingError, match="annotate, drop, route"):
        check_action("delete")
    with pytest.raises(SettingError, match="there are id, text"):
        check_fields({"body": "content"})
    with pytest.raises(SettingError, match=r"news\.db"):
        opener_of("")


def test_agencies_are_those_that_words_speak_for():
    """Strongest first; what is only shown, or declined, is not handed on."""
    mentions = [
        Mention(
            id=ArticleId("x"),
            agency=agency,
            role="cited_report",
            zone="body",
            span=(0, 1),
            text="x",
            rule="r",
            weight=weight,
        )
        for agency, weight in [
            ("ap", 2.0),
            ("afp", -0.5),
            ("reuters", 4.0),
            (None, 3.0),
            ("upi", 0),
        ]
    ]
    assert agencies_of(mentions) == ("reuters", "ap")


# -- one thread for many ---------------------------------------------------------------------------


class Refusing:
    """A tracker that fails on some articles."""

    def observe_many(self, articles):
        if any(article.text == "bad" for article in articles):
            msg = "bad"
            raise ZeroDivisionError(msg)
        return [SimpleNamespace(verdict="new", story="s", links=(), mentions=()) for _ in articles]


def test_a_bad_article_fails_alone():
    """What was gathered into one batch with it is answered all the same."""
    gatherer = Gatherer(opener_of(Refusing()))
    gatherer.start()
    gate = threading.Event()
    gatherer.ask(lambda _tracker: gate.wait(20))  # what comes now is one batch
    futures = [
        gatherer.observe([Article(id=ArticleId(text), text=text)])
        for text in ("good", "bad", "fine")
    ]
    gate.set()
    assert futures[0].result()[0].verdict == "new"
    assert isinstance(futures[1].exception(), ZeroDivisionError)
    assert futures[2].result()[0].verdict == "new"
    gatherer.close()
    assert gatherer.waiting == 0
    assert isinstance(gatherer.observe([]).exception(), RuntimeError)


def test_a_store_that_does_not_open_is_told_at_the_start(tmp_path):
    """Not at the first article."""
    (tmp_path / "file").write_text("this is no store")
    gatherer = Gatherer(opener_of(str(tmp_path / "file")))
    with pytest.raises(Exception, match="file"):
        gatherer.start()


# -- tables ---------------------------------------------------------------------------------------


def test_rows_without_text_and_tables_without_texts():
    """A null is passed on as it is; a missing column is an error that names those there are."""
    pa = pytest.importorskip("pyarrow")
    from provenance.hooks.batches import credit_batch, sketch_batch

    table = pa.table({"text": [HARBOR, None], "n": [1, 2]})
    assert credit_batch(table).column("prov_agencies").to_pylist() == [["reuters"], None]
    signatures = sketch_batch(table).column("prov_signature")
    assert signatures[0].as_py() is not None
    assert signatures[1].as_py() is None
    with pytest.raises(InputError, match="no column 'text' among n; fields='text=COLUMN'"):
        credit_batch(table.select(["n"]))


def test_sketches_in_a_table_are_those_of_the_library():
    """A column of signatures compares with signatures made elsewhere."""
    pa = pytest.importorskip("pyarrow")
    from provenance.config import SketchSpec
    from provenance.hooks.batches import sketch_batch
    from provenance.sketch.signatures import sketch_texts

    column = sketch_batch(pa.table({"text": [HARBOR, TRAM]})).column("prov_signature")
    assert column.to_pylist() == sketch_texts([HARBOR, TRAM], SketchSpec()).signatures.tolist()


def test_a_table_in_pieces_is_the_table(store, tmp_path):
    """Batches of a table, told where they begin, are annotated as the table in one piece."""
    pa = pytest.importorskip("pyarrow")
    from provenance.hooks.batches import annotate_batch

    table = pa.table({"text": [HARBOR, TRAM, HARBOR, TRAM]})
    with Tracker.open(store) as tracker, Tracker.open(tmp_path / "other.db") as other:
        whole = annotate_batch(table, tracker)
        pieces = [annotate_batch(table.slice(n, 2), other, first=n) for n in (0, 2)]
        assert annotate_batch(table, tracker) == whole
    assert pa.concat_tables(pieces) == whole
    assert whole.column("prov_verdict").to_pylist() == ["new", "new", "exact", "exact"]
    assert annotate_again(whole, tmp_path) == whole


def annotate_again(table, tmp_path):
    """Columns of an earlier run are replaced, not doubled."""
    from provenance.hooks.batches import annotate_batch

    with Tracker.open(tmp_path / "third.db") as tracker:
        return annotate_batch(table, tracker)


def test_frames_keep_their_index_and_columns(store):
    """pandas: the index of the caller, missing texts, other columns untouched."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    from provenance.hooks.batches import annotate_frame, credit_frame

    frame = pd.DataFrame(
        {"content": [HARBOR, None, HARBOR], "x": [object()] * 3}, index=["p", "q", "r"]
    )
    found = annotate_frame(frame, store, fields={"text": "content"})
    assert list(found.index) == ["p", "q", "r"]
    assert found["prov_verdict"].tolist() == ["new", None, "exact"]
    assert found["x"].tolist() == frame["x"].tolist()
    assert list(frame.columns) == ["content", "x"]
    assert credit_frame(frame, fields="text=content")["prov_agencies"].tolist() == [
        ["reuters"],
        None,
        ["reuters"],
    ]
    with pytest.raises(SettingError, match="hand an Arrow table"):
        annotate_frame(Article(id=ArticleId("x"), text="x"), store)


# -- Scrapy ---------------------------------------------------------------------------------------

CRAWL = """
import dataclasses, json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

HARBOR, TRAM, settings = json.loads(sys.argv[1])

class Declared(scrapy.Item):
    url = scrapy.Field()
    text = scrapy.Field()

@dataclasses.dataclass
class Closed:
    url: str
    text: str

@dataclasses.dataclass
class Open:
    url: str
    text: str
    _prov: dict | None = None

class News(scrapy.Spider):
    name = "news"
    custom_settings = {
        "ITEM_PIPELINES": {"provenance.hooks.scrapy.ProvenancePipeline": 300},
        "PROVENANCE_STORE": "news.db",
        "FEEDS": {"out.jsonl": {"format": "jsonlines"}},
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        **settings,
    }

    async def start(self):
        yield Declared(url="u1", text=HARBOR)
        yield Open(url="u2", text=TRAM)
        yield Closed(url="u3", text=TRAM)
        yield {"url": "u4"}
        for number in range(60):
            yield {"url": f"v{number}", "text": HARBOR}

process = CrawlerProcess()
crawler = process.create_crawler(News)
process.crawl(crawler)
process.start()
print(json.dumps({k: v for k, v in crawler.stats.get_stats().items() if k.startswith("provenance/")}))
"""


def crawl(folder, **settings):
    pytest.importorskip("scrapy")
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, json.dumps([HARBOR, TRAM, settings])],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    items = [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    return json.loads(done.stdout), items, done.stderr


@pytest.mark.parametrize(
    "reactor",
    [
        "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "twisted.internet.selectreactor.SelectReactor",
    ],
)
def test_scrapy_annotates_every_kind_of_item(tmp_path, reactor):
    """Whichever reactor runs; an item class that has no room is told so, and names its way out."""
    stats, items, errors = crawl(tmp_path, TWISTED_REACTOR=reactor)
    assert stats["provenance/items"] == 63
    assert stats["provenance/rejected"] == 1
    assert stats["provenance/verdict/exact"] == 61
    found = {item["url"]: item.get("_prov") for item in items}
    assert found["u1"]["agencies"] == ["reuters"]
    assert found["u2"]["verdict"] in ("new", "exact")  # it and u3 race
    assert found["u4"] is None
    assert "u3" not in found
    assert "Closed has no field '_prov'" in errors
    assert "PROVENANCE_KEY" in errors


def test_scrapy_routes_copies_to_a_file(tmp_path):
    """They go there, annotated, and nowhere else."""
    stats, items, _ = crawl(
        tmp_path,
        PROVENANCE_ACTION="route",
        PROVENANCE_ROUTE="copies.jsonl",
        PROVENANCE_KEY="seen",
        CONCURRENT_ITEMS=1,
    )
    lines = (tmp_path / "copies.jsonl").read_text("utf-8").splitlines()
    routed = [json.loads(line) for line in lines]
    assert stats["provenance/routed"] == len(routed) == 60
    assert {item["seen"]["verdict"] for item in routed} == {"exact"}
    assert {item["url"] for item in items} == {"u1", "u4"}


@pytest.mark.slow  # starts the crawler, which starts a crawler
def test_news_please_drops_a_copy(tmp_path):
    """The crawler as it is installed, with the pipeline in its configuration, stores one of two copies."""
    newsplease = pytest.importorskip("newsplease")
    from provenance.hooks.scrapy import NEWS_PLEASE

    site, folder = tmp_path / "site", tmp_path / "config"
    site.mkdir()
    folder.mkdir()
    article = f"<html><title>Harbor</title><article><p>{HARBOR}</p><p>{TRAM}</p></article></html>"
    for name in ("a.html", "b.html"):
        (site / name).write_text(article, "utf-8")
    given = Path(newsplease.__file__).parent / "config" / "config.cfg"
    config = re.sub(r"ITEM_PIPELINES = \{.*?\}", "", given.read_text("utf-8"), flags=re.S)
    config = config.replace("~/news-please-repo/", f"{tmp_path}/").replace(
        "[Scrapy]",
        f"""[Scrapy]
ITEM_PIPELINES = {{'newsplease.pipeline.pipelines.ArticleMasterExtractor': 100,
                  'provenance.hooks.scrapy.ProvenancePipeline': 150,
                  'newsplease.pipeline.pipelines.JsonFileStorage': 300}}
PROVENANCE_STORE = '{tmp_path}/news.db'
PROVENANCE_MAP = '{NEWS_PLEASE}'
PROVENANCE_ACTION = 'drop'""",
    )
    (folder / "config.cfg").write_text(config, "utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        sites = {"crawler": "Download", "url": [f"{address}/a.html", f"{address}/b.html"]}
        (folder / "sitelist.hjson").write_text(json.dumps({"base_urls": [sites]}), "utf-8")
        command = [sys.executable, "-m", "newsplease.__main__", "-c", str(folder)]
        subprocess.run(command, capture_output=True, timeout=120, check=True)
        server.shutdown()
    stored = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "data").rglob("*.json")]
    assert [HARBOR in one["maintext"] for one in stored] == [True]


def test_scrapy_without_a_store_does_not_start():
    """The missing setting is named."""
    pytest.importorskip("scrapy")
    from scrapy.settings import Settings

    from provenance.hooks.scrapy import ProvenancePipeline

    crawler = type("Crawler", (), {"settings": Settings(), "stats": None})
    with pytest.raises(SettingError, match="PROVENANCE_STORE"):
        ProvenancePipeline.from_crawler(crawler)
    with pytest.raises(SettingError, match="PROVENANCE_ROUTE"):
        ProvenancePipeline("news.db", action="route")


# -- datatrove ------------------------------------------------------------------------------------


def test_datatrove_through_an_executor(tmp_path, store):
    """Files in, files out, copies to the exclusion writer, statistics written."""
    pytest.importorskip("datatrove")
    script = textwrap.dedent(
        """
        import json, sys
        from datatrove.executor import LocalPipelineExecutor
        from datatrove.pipeline.readers import JsonlReader
        from datatrove.pipeline.writers import JsonlWriter
        from provenance.hooks.datatrove import ProvenanceStep

        LocalPipelineExecutor(
            pipeline=[
                JsonlReader("raw"),
                ProvenanceStep(
                    "news.db",
                    fields="publisher=site",
                    action="route",
                    exclusion_writer=JsonlWriter("copies", compression=None),
                ),
                JsonlWriter("kept", compression=None),
            ],
            tasks=1,
            logging_dir="logs",
        ).run()
        """
    )
    raw = tmp_path / "raw"
    raw.mkdir()
    lines = [{"id": str(n), "text": (HARBOR, TRAM)[n % 2], "site": f"s{n}"} for n in range(6)]
    (raw / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )

    def identifiers(folder):
        [path] = (tmp_path / folder).iterdir()
        return {json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()}

    assert (identifiers("kept"), identifiers("copies")) == ({"0", "1"}, {"2", "3", "4", "5"})
    statistics = json.loads((tmp_path / "logs" / "stats.json").read_text("utf-8"))
    [step] = [one for one in statistics if "Provenance" in one["name"]]
    assert step["stats"]["verdict_exact"] == 4


def test_datatrove_refuses_several_writers(store):
    """Tasks beyond one cannot share an embedded store, and are told what to do."""
    pytest.importorskip("datatrove")
    from provenance.hooks.datatrove import ProvenanceStep

    with pytest.raises(SettingError, match="use tasks=1"):
        list(ProvenanceStep(store).run(iter(()), rank=0, world_size=4))
    with pytest.raises(SettingError, match="exclusion_writer"):
        ProvenanceStep(store, action="route")


# -- lists of documents ----------------------------------------------------------------------------


def test_haystack_writes_a_pipeline_and_reads_it(store):
    """A pipeline file holds the component, and the one read from it works the same."""
    pytest.importorskip("haystack")
    from haystack import Document, Pipeline

    from provenance.hooks.haystack import ProvenanceAnnotator

    pipeline = Pipeline()
    pipeline.add_component(
        "provenance", ProvenanceAnnotator(store, fields="id=page", action="drop", flat=True)
    )
    again = Pipeline.from_dict(pipeline.to_dict(), allowed_modules=["provenance.hooks.haystack"])
    documents = [
        Document(content=HARBOR, meta={"page": "a"}),
        Document(content=HARBOR, meta={"page": "b"}),
        Document(content=None, meta={"page": "c"}),
    ]
    found = again.run({"provenance": {"documents": documents}})["provenance"]
    again.get_component("provenance").close()
    assert found["copies"] == []
    kept, empty = found["documents"]
    assert kept.id == documents[0].id
    assert (kept.meta["prov_verdict"], kept.meta["prov_agencies"]) == ("new", "reuters")
    assert "prov_verdict" not in documents[0].meta
    assert empty == documents[2]


def test_llamaindex_hides_the_annotation_and_survives_pickling(store):
    """Embeddings do not see it; a copy sent to another process opens the store anew."""
    pytest.importorskip("llama_index.core")
    from llama_index.core.schema import Document, MetadataMode

    from provenance.hooks.llamaindex import ProvenanceTransform

    transform = ProvenanceTransform(store=store, flat=True)
    [node] = transform([Document(id_="a", text=HARBOR)])
    assert node.metadata["prov_verdict"] == "new"
    assert node.get_content(metadata_mode=MetadataMode.EMBED) == HARBOR
    transform.close()
    again = pickle.loads(pickle.dumps(transform))
    [copy] = again([Document(id_="b", text=HARBOR)])
    assert copy.metadata["prov_links"] == "a"
    again.close()
    assert transform.to_dict() == again.to_dict()
    with pytest.raises(SettingError, match="one outlet"):
        ProvenanceTransform(store=store, action="route")([])


async def transformed(transformer, documents):
    return await transformer.atransform_documents(documents)


def test_langchain_from_a_coroutine(store):
    """The asynchronous door gives the same, and the documents handed in stay as they are."""
    pytest.importorskip("langchain_core")
    import asyncio

    from langchain_core.documents import Document

    from provenance.hooks.langchain import ProvenanceTransformer

    documents = [
        Document(page_content=HARBOR, metadata={"source": "a"}),
        Document(page_content=HARBOR, metadata={"source": "b"}),
    ]
    transformer = ProvenanceTransformer(store, fields="url=source")
    found = asyncio.run(transformed(transformer, documents))
    transformer.close()
    assert [one.metadata["_prov"]["id"] for one in found] == ["a", "b"]
    assert [one.metadata["_prov"]["verdict"] for one in found] == ["new", "exact"]
    assert [set(one.metadata) for one in documents] == [{"source"}] * 2


# -- nobody is imported unasked --------------------------------------------------------------------


def test_importing_the_package_imports_no_framework():
    """Not one of those there are hooks for."""
    code = "import sys, provenance, provenance.hooks; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    frameworks = {
        "scrapy",
        "datatrove",
        "datasets",
        "pandas",
        "polars",
        "pyarrow",
        "redis",
        "nats",
        "confluent_kafka",
        "starlette",
        "uvicorn",
        "haystack",
        "llama_index",
        "langchain_core",
    }
    assert frameworks & loaded == set()


@dataclasses.dataclass(frozen=True)
class Door:
    module: str
    library: str
    extra: str


@pytest.mark.parametrize(
    "door",
    [
        Door("scrapy", "scrapy.exceptions", "scrapy"),
        Door("datatrove", "datatrove.pipeline.base", "datatrove"),
        Door("haystack", "haystack", "haystack"),
        Door("llamaindex", "llama_index.core.schema", "llamaindex"),
        Door("langchain", "langchain_core.documents", "langchain"),
    ],
    ids=lambda door: door.module,
)
def test_a_missing_framework_is_named_with_its_extra(door):
    """The error says what to install."""
    code = textwrap.dedent(
        f"""
        import sys
        sys.modules[{door.library!r}] = sys.modules["itemadapter"] = None
        from provenance.errors import MissingExtra
        try:
            from provenance.hooks import {door.module} as hook
            hook.ProvenancePipeline("news.db")
        except MissingExtra as error:
            print(error.extra)
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == door.extra
