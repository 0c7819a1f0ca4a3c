Feature: Time passes at the old practice
  A request is answered within the day, and an extract that nobody answers is given up after eight days.

  @sender @must @req:TD62 @req:TD64 @req:S4 @req:C-15
  Scenario: The new practice takes a day to answer
    Given a transfer in which "the final acknowledgement comes a day later"
    Then one extract is sent for the request
    And the request is acknowledged positively once, after the extract
    And nothing is sent in answer to the final acknowledgement
    And the transfer is shown as its final acknowledgement has it

  @sender @must @req:S124
  Scenario: The new practice never answers
    Given a transfer in which "no final acknowledgement comes in eight days"
    Then after eight days of silence, and not before, the transfer is shown as failed, and nothing is sent
    And one extract is sent for the request
