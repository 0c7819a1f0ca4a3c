Feature: The user decides
  The outcome of integration is told to the old practice with one acknowledgement.

  @requester @must @req:TD30.2 @req:S69 @req:S71 @req:RC11
  Scenario: The integration fails
    Given a transfer in which "the integration fails"
    Then an integration that fails is answered with 11
    And acknowledgements are spelt as the standard has them
    And each extract gets one final acknowledgement

  @requester @must @req:AB04
  Scenario: The integration fails, returning patient
    Given a transfer in which "the integration of a returning patient's record fails"
    Then an integration that fails is answered with 11
    And acknowledgements are spelt as the standard has them
    And each extract gets one final acknowledgement

  @requester @must @req:TD28 @req:TD02 @req:AB01 @req:RC-NEG
  Scenario: Wrong record, new patient
    Given a transfer in which "the user rejects the record of a new patient"
    Then the rejected record of a new patient is answered with 28
    And acknowledgements are spelt as the standard has them
    And each extract gets one final acknowledgement
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @requester @must @req:TD28 @req:S8 @req:S73 @req:S90 @req:TD02 @req:AB01
  Scenario: Wrong record, returning patient
    Given a transfer in which "the user rejects the record of a returning patient"
    Then one EHR request is sent
    And the rejected record of a returning patient is answered with 17
    And acknowledgements are spelt as the standard has them

  @requester @must @req:TD28 @req:S73
  Scenario: The own record is kept
    Given a transfer in which "the user keeps the practice's own record"
    Then the user's keeping of the own record is answered with 15
    And acknowledgements are spelt as the standard has them
