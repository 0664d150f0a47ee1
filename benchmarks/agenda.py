"""One agenda with ten requests, from the record, against a bare docxtpl render of the same template.

`python -m benchmarks.agenda` prints the ratio (aim: at most 4).
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from docxtpl import DocxTemplate
from sqlalchemy import select

from benchmarks.ingest import NOW, desk_in, workbook
from casework import tables
from casework.agenda_paper import agenda_paper
from casework.circulate import close_submissions
from casework.desk import Work
from casework.directory_record import directory_of
from casework.entering import Arrival
from casework.receive import receive
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, read_response
from forms_ingest.workbook import read_answers
from papers.agenda import render_agenda
from papers.word import template

REQUESTS, ROUNDS = 10, 15


def fill(work: Work) -> str:
    """Ten requests on the first meeting of one community; returns the meeting."""
    directory = directory_of(work)
    answers = [a for _, a in read_answers(workbook(200), "benchmark.xlsx", load_mapping(FORM))]
    readings = [r for a in answers if (r := read_response(a, directory, arrived_at=NOW)) and r.submission]
    community = readings[0].submission.community if readings[0].submission else ""
    same = [r for r in readings if r.submission and r.submission.community == community][:REQUESTS]
    assert len(same) == REQUESTS
    list(receive(work, (Arrival(form=FORM, route="workbook", reading=r) for r in same)))
    meeting: str = work.conn.execute(select(tables.requests.c.meeting_id).limit(1)).scalar_one()
    close_submissions(work, meeting)
    return meeting


def best(run: Callable[[], object]) -> float:
    """Seconds of the quickest of several runs."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    """Print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_in(Path(folder))
        with desk.work() as work:
            meeting = fill(work)
            paper = agenda_paper(work, meeting)
        context = {name: getattr(paper, name) for name in paper.__dataclass_fields__}

        def bare() -> None:
            document = DocxTemplate(io.BytesIO(template("agenda.docx")))
            document.render(context, autoescape=True)
            document.save(io.BytesIO())

        def ours() -> None:
            with desk.work() as work:
                made = agenda_paper(work, meeting)
            render_agenda(made, template("agenda.docx"))

        floor, took = best(bare), best(ours)
        desk.engine.dispose()
    print(
        f"bare {floor * 1000:.0f} ms, from the record {took * 1000:.0f} ms: ratio {took / floor:.2f} (aim: at most 4)"
    )


if __name__ == "__main__":
    main()
