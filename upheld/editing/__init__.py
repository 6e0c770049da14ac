"""What helps officers to write: schemas for editors, new versions, exports."""
