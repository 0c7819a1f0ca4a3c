Feature: Messages get lost, come twice, and look different
  Each hop is reliable for itself, and what the field sends must be read.

  @requester @must @req:C-07 @req:EB-01 @req:EB-03 @req:EB-04 @req:EB-05
  Scenario: The extract comes twice
    Given a transfer in which "Spine delivers the extract twice"
    Then a repeated delivery is acknowledged again and processed once
    And a repeated delivery gets the acknowledgement that it got before
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:C-07 @req:C-06
  Scenario: Spine misses the acknowledgement of the extract
    Given a transfer in which "the acknowledgement of the extract is lost"
    Then a repeated delivery is acknowledged again and processed once
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:C-08
  Scenario: Spine fails on the final acknowledgement
    Given a transfer in which "Spine answers the final acknowledgement with 500"
    Then what Spine did not acknowledge is sent again with the same MessageId and the same bytes
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

  @requester @must @req:C-09 @req:EB-14
  Scenario: It is addressed to another party
    Given a transfer in which "an extract is addressed to another party"
    Then a message addressed to another party gets an error and is not processed
    And an error cites the message that it is about, and is one of ebXML's

  @requester @must @req:C-06 @req:EB-07 @req:AR07
  Scenario Outline: It is spelt in another way
    Given a transfer in which "<transfer>"
    Then every message that Spine delivers is acknowledged, citing its MessageId
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

    Examples:
      | transfer                                |
      | the timestamp has seven fraction digits |
      | duplicate elimination says always       |
      | the package is framed in another way    |
      | the content id is percent-encoded       |
      | the payload namespace has capitals      |
      | the schema location has backslashes     |
      | the content id contains mid             |
      | the time to live is over                |
