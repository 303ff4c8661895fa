"""HTTP/1.1 as a client of small signed calls needs it: requests as bytes, answers read strictly, one call a time."""
