"""How much is allowed: one table for a user on their own machine, one for strangers who share a machine."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import MAX_VOCABULARY
from ..model.shapes import MAX_PARAMETERS


@dataclass(frozen=True)
class Limits:
    """Say how much one request, one run, one text and one visitor may take; None is as much as there is.

    Args:
        request_bytes: of a request that carries values.
        upload_bytes: of a request that carries files, all together.
        upload_bytes_per_hour: of all files of one visitor.
        uploads_live_seconds: how old an uploaded file becomes.
        requests_at_once: unanswered requests of one visitor.
        waiting_at_once: texts, plans and readings that one visitor has asked for and not got yet.
        corpus_characters: of one text.
        vocabulary: different tokens of one model.
        parameters: of one model.
        memory_bytes: that a run is expected to take.
        prefix_characters: of the beginning of a text to be written.
        written_characters: of a written text.
        writing_seconds: that one written text may take.
        texts_at_once: that are written for one visitor.
        texts_per_minute: that are begun for one visitor.
        jobs_per_visitor: runs of one visitor that train or wait.
        queue: runs that wait, of all visitors together.
        slice_seconds: that a run trains while others wait for their turn.
        disk_bytes: of all visitors together.
        visitor_bytes: of one visitor.
        kept_runs: of one visitor.
        kept_texts: of one visitor.
    """

    request_bytes: int
    upload_bytes: int
    upload_bytes_per_hour: int | None
    uploads_live_seconds: int
    requests_at_once: int | None
    waiting_at_once: int | None
    corpus_characters: int | None
    vocabulary: int
    parameters: int
    memory_bytes: int | None
    prefix_characters: int
    written_characters: int | None
    writing_seconds: float
    texts_at_once: int | None
    texts_per_minute: int | None
    jobs_per_visitor: int | None
    queue: int | None
    slice_seconds: float | None
    disk_bytes: int | None
    visitor_bytes: int | None
    kept_runs: int | None
    kept_texts: int | None


LOCAL = Limits(
    request_bytes=1_000_000,
    upload_bytes=200_000_000,
    upload_bytes_per_hour=None,
    uploads_live_seconds=24 * 3600,
    requests_at_once=None,
    waiting_at_once=None,
    corpus_characters=None,
    vocabulary=MAX_VOCABULARY,
    parameters=MAX_PARAMETERS,
    memory_bytes=None,  # what is free, which every run is held against
    prefix_characters=100_000,
    written_characters=None,
    writing_seconds=300.0,
    texts_at_once=None,
    texts_per_minute=None,
    jobs_per_visitor=None,
    queue=None,
    slice_seconds=None,
    disk_bytes=None,
    visitor_bytes=None,
    kept_runs=None,
    kept_texts=None,
)
# For two cores, 16 GB of memory and a disk that everybody shares.
PUBLIC = Limits(
    request_bytes=65_536,
    upload_bytes=5_000_000,
    upload_bytes_per_hour=50_000_000,
    uploads_live_seconds=3600,
    requests_at_once=20,
    waiting_at_once=16,
    corpus_characters=2_000_000,
    vocabulary=8_000,
    parameters=20_000_000,
    memory_bytes=4_000_000_000,
    prefix_characters=2_000,
    written_characters=1_000,
    writing_seconds=15.0,
    texts_at_once=2,
    texts_per_minute=6,
    jobs_per_visitor=1,
    queue=8,
    slice_seconds=600.0,
    disk_bytes=1_000_000_000,
    visitor_bytes=250_000_000,
    kept_runs=20,
    kept_texts=20,
)
