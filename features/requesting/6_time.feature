Feature: Time passes at the new practice
  A record may wait for its user, and what comes late is told as it is.

  @requester @must @req:S67 @req:TD30.1 @req:S4 @req:C-07
  Scenario: The user takes nine days to decide
    Given a transfer in which "the user decides after nine days"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

  @requester @must @req:S67 @req:TD30.1
  Scenario: The user takes three hours to decide
    Given a transfer in which "three hours pass before the user decides"
    Then the integrated extract is acknowledged positively, citing it

  @requester @should @req:UC-D
  Scenario: The extract takes two days to come
    Given a transfer in which "the extract comes two days later"
    Then an extract is processed though it comes days later
    And each extract gets one final acknowledgement

  @requester @must @req:EB-11 @req:C-07
  Scenario: The extract comes again after hours
    Given a transfer in which "Spine delivers the extract again after hours"
    Then a message that comes again hours later is known, acknowledged and not processed
    And each extract gets one final acknowledgement

  @requester @must @req:C-21
  Scenario Outline: An answer comes when nobody may wait for it any more
    Given a transfer in which "<transfer>"
    Then what the system does about it is noted

    Examples:
      | transfer                                |
      | the request is accepted after two weeks |
      | the extract comes after two weeks       |
