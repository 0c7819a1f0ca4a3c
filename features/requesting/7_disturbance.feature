Feature: Spine has a bad day while a record comes
  What is lost, late, torn or damaged on one hop is mended on that hop, and the transfer ends as it should.

  @requester @must @req:S67 @req:TD30.1 @req:C-06 @req:S4 @req:C-07
  Scenario Outline: It arrives in the end
    Given a transfer in which "<transfer>"
    When Spine <does>
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                 | does                                                               |
      | the record is integrated                 | loses the extract twice                                            |
      | the record is integrated                 | loses the answer to the request                                    |
      | the record is integrated                 | delivers the answer to the request after what follows it          |
      | the record is integrated                 | delivers the extract in drips                                      |
      | the record is integrated                 | breaks off in the middle of the extract                            |
      | the record is integrated                 | answers the final acknowledgement in drips                         |
      | three hours pass before the user decides | holds the extract for 3 hours                                      |

  @requester @must @req:C-23 @req:S67 @req:S4
  Scenario Outline: It is damaged on the way
    Given a transfer in which "the record is integrated"
    When Spine <does>
    Then what arrives damaged is refused, on the transport or by an answer, and not silently lost
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

    Examples:
      | does                                     |
      | delivers the extract with a damaged octet |
      | delivers the extract with a damaged field |

  @requester @must @req:C-22 @req:S67
  Scenario Outline: Somebody else seems to deliver it
    Given a transfer in which "the record is integrated"
    When Spine <does>
    Then a delivery under a certificate that is not to be trusted, or without one, is refused
    And the integrated extract is acknowledged positively, citing it

    Examples:
      | does                                                               |
      | delivers the extract under a certificate of an unknown authority  |
      | delivers the extract under an expired certificate                 |
      | delivers the extract without a certificate                        |
