"""The social insurance portal: is this card good, and whose is it? (Annex 03 of dispatch 1923/BHXH-CNTT, 2024.)

`messages` and `codes` are pure, `client` talks, `checks` joins them to the record, `standin` plays the portal.
"""
