"""Names, places, companies, products and sentences that sample values are made of."""
