"""The report's pictures, drawn as SVG text: no script, no style attribute, nothing fetched."""
