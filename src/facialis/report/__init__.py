"""The record of an assessment: JSON, HTML, PDF, tables and pictures."""
