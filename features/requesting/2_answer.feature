Feature: The request is answered
  The answer may come before the extract, after it, or never; a refusal ends the transfer.

  @requester @must @req:S67 @req:TD30 @req:TD30.1 @req:S66 @req:S78 @req:RC-POS @req:TD22.1
  Scenario: Answer, extract, integration
    Given a transfer in which "the record is integrated"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And nothing is acknowledged before the user decides
    And no continue goes out for an extract that came whole
    And the transfer is shown as integrated
    And an acknowledgement is not answered
    And acknowledgements are spelt as the standard has them
    And every message that Spine delivers is acknowledged, citing its MessageId
    And every message is framed as MIME and HTTP demand
    And every message keeps the forward-reliable contract
    And Service, Action, SOAPAction and payload name one interaction
    And From, To and CPAId are those of the two practices' contracts
    And the manifest names the payload first and every part of the package
    And MessageIds are upper-case UUIDs, each used for one message
    And one upper-case ConversationId runs through the whole transfer
    And every MIME part has the three headers that GP2GP asks for
    And the transmission wrapper is complete and in order
    And devices and author carry the ASIDs of the two practices
    And the HL7 id of a message is its MessageId
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @requester @must @req:TD19.2 @req:TD19.2-2
  Scenario: The extract comes first
    Given a transfer in which "the extract comes before the answer to the request"
    Then an extract is processed whether its request was acknowledged before, later or never
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId
    And the transfer is shown as integrated

  @requester @must @req:TD19.2 @req:UC-B
  Scenario: The answer never comes
    Given a transfer in which "the request is never answered but the extract comes"
    Then an extract is processed whether its request was acknowledged before, later or never
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And the transfer is shown as integrated

  @requester @must @req:S4 @req:TD19.1 @req:TD19.3 @req:S102 @req:S111
  Scenario Outline: The request is refused
    Given a transfer in which "<transfer>"
    Then nothing more is sent after the request was refused
    And the refused request is shown as refused
    And the user is told that the transfer failed, and by which code
    And the failure is told in words beside its code
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                                  |
      | the request is refused: patient not at surgery            |
      | the request is refused: not enabled                       |
      | the request is refused: extract not generated             |
      | the request is refused: not well-formed                   |
      | the request is refused: not the current practice          |
      | the request is refused: Spine error                       |
      | the request is refused without a display name             |
      | the request is refused with AR 06 in both places          |
      | the request is refused: not one result in SDS             |
      | the request is refused: unexpected condition              |
      | the request is refused: requester without large messaging |
      | the request is refused: sender without large messaging    |
      | the request is refused in the detail alone                |
      | the request is refused twice                              |

  @requester @must @req:S4 @req:TD19.1
  Scenario: The code of the refusal lacks its zero
    Given a transfer in which "the request is refused with a code without its zero"
    Then nothing more is sent after the request was refused
    And the refused request is shown as refused
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:S262 @req:RC-SEF3 @req:S4 @req:TD19.1
  Scenario: Spine's safe exchange stops the request
    Given a transfer in which "Spine blocks the request"
    Then nothing more is sent after the request was refused
    And the refused request is shown as refused
    And the user is told that safe exchange stood in the way
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:TD19 @req:C-16
  Scenario: A refusal that cites nothing changes nothing
    Given a transfer in which "a refusal cites a message that was never sent"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And the transfer is shown as integrated
    And an acknowledgement is not answered

  @requester @must @req:TD19 @req:C-16
  Scenario: An acceptance that cites nothing changes nothing
    Given a transfer in which "an acceptance cites a message that was never sent"
    Then the transfer is shown as still requested
    And an acknowledgement is not answered

  @requester @must @req:TD19
  Scenario: An answer of a type that GP2GP does not have changes nothing
    Given a transfer in which "the request is answered with typeCode CA"
    Then the transfer is shown as still requested
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

  @requester @must @req:C-21 @req:C-06
  Scenario: An extract comes after the refusal
    Given a transfer in which "an extract comes after the request was refused"
    Then what the system does about it is noted
    And every message that Spine delivers is acknowledged, citing its MessageId
