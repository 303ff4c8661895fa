"""Which rows of an inventory are settled as recorded, found from cells without making devices of them."""
