"""A carrier, Zalo and a push service as one local program that answers as they do. Messages reach a page, not a telephone.

The end of a number decides how a provider behaves, so that a walk and a test can ask for every trouble:

=====  =================================================================
…0001  has no Zalo account
…0002  the first attempt is throttled, the second goes through
…0003  the message is taken, the answer never comes
…0004  our account is out of money
…0005  the server breaks
…0006  the carrier takes it and reports later that it did not arrive
=====  =================================================================
"""
