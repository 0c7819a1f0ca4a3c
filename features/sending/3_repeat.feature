Feature: Requests and extracts are repeated
  A repeat is acknowledged again and changes nothing.

  @sender @must @req:C-07 @req:EB-01 @req:EB-03 @req:EB-04 @req:EB-05
  Scenario: The request comes twice
    Given a transfer in which "Spine delivers the request twice"
    Then a repeated delivery is acknowledged again and processed once
    And a repeated delivery gets the acknowledgement that it got before
    And one extract is sent for the request
    And the request is acknowledged positively once, after the extract
    And every message that Spine delivers is acknowledged, citing its MessageId

  @sender @must @req:S43
  Scenario: The request is sent twice in one conversation
    Given a transfer in which "the request is sent twice in one conversation"
    Then one extract is sent for the request
    And the request is acknowledged positively once, after the extract

  @sender @must @req:S240 @req:S34
  Scenario: The request comes again in another conversation
    Given a transfer in which "the request comes again in another conversation"
    Then each request gets an extract and an answer in its own conversation
    And every message that Spine delivers is acknowledged, citing its MessageId

  @sender @must @req:C-08
  Scenario: The acknowledgement of the extract is lost
    Given a transfer in which "the acknowledgement of the extract is lost on the way back"
    Then what Spine did not acknowledge is sent again with the same MessageId and the same bytes
    And one extract is sent for the request
    And the request is acknowledged positively once, after the extract
