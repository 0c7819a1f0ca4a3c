Feature: The new practice tells what became of the extract
  The final acknowledgement ends the transfer for the sender; it is not answered.

  @sender @must @req:S4 @req:C-15 @req:S107 @req:S111
  Scenario Outline: The extract is refused
    Given a transfer in which "<transfer>"
    Then nothing is sent in answer to the final acknowledgement
    And the transfer is shown as its final acknowledgement has it
    And the user is told that the transfer failed, and by which code
    And the failure is told in words beside its code
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                      |
      | the extract is refused with 09                |
      | the extract is refused with 11                |
      | the extract is refused with 12                |
      | the extract is refused with 17                |
      | the extract is refused with 21                |
      | the extract is refused with 28                |
      | the extract is refused with 30                |
      | the extract is refused with 31                |
      | the extract is refused with 99                |
      | the extract is refused in the detail alone    |
      | the extract is refused without a display name |

  @sender @must @req:C-16 @req:C-15
  Scenario Outline: The acknowledgement is odd, late, or not the first
    Given a transfer in which "<transfer>"
    Then nothing is sent in answer to the final acknowledgement
    And the transfer is shown as its final acknowledgement has it
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                                      |
      | a final acknowledgement cites a message that was never sent   |
      | an acknowledgement comes in a conversation that nobody opened |
      | the extract is acknowledged in small letters                  |
      | the extract is acknowledged with typeCode XX                  |
      | the extract is acknowledged and then refused                  |
      | the extract is refused and then acknowledged                  |

  @sender @must @req:TD62 @req:TD64
  Scenario: The final acknowledgement comes first
    Given a transfer in which "the final acknowledgement comes before the request is acknowledged"
    Then the request is acknowledged positively once, after the extract
    And the transfer is shown as its final acknowledgement has it

  @sender @must @req:C-09
  Scenario: The request is addressed to another party
    Given a transfer in which "a request is addressed to another party"
    Then a message addressed to another party gets an error and is not processed

  @sender @must @req:C-06 @req:TD52
  Scenario Outline: The request is spelt in another way
    Given a transfer in which "<transfer>"
    Then every message that Spine delivers is acknowledged, citing its MessageId
    And one extract is sent for the request
    And the request is acknowledged positively once, after the extract
    And the transfer is shown as its final acknowledgement has it

    Examples:
      | transfer                                |
      | the request has ids in lower case       |
      | the request is pretty-printed           |
      | the request has RIM type attributes     |
      | the line breaks have no carriage return |
