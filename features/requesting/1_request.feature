Feature: A patient registers and the record is requested
  The new practice looks the previous one up and asks it for the record, once, by the forward-reliable channel.

  @requester @must @req:S20 @req:S7 @req:TD12 @req:TD13 @req:TD13.3 @req:TD14 @req:TD15 @req:TD16 @req:TD18 @req:S180 @req:S240
  Scenario: The request is sent
    Given a transfer in which "a patient registers"
    Then one EHR request is sent
    And the request names patient, both practices and itself
    And the system at the previous practice that takes requests is looked up in SDS before the request
    And the contract of the request is looked up in SDS, and the request follows
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
    And the request has no white space between its elements
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @requester @must @req:C-08
  Scenario: Spine fails and the request is repeated
    Given a transfer in which "Spine answers the request with 500 twice"
    Then what Spine did not acknowledge is sent again with the same MessageId and the same bytes
    And one EHR request is sent
    And the integrated extract is acknowledged positively, citing it

  @requester @must @req:C-08
  Scenario: The acknowledgement is lost and the request is repeated
    Given a transfer in which "the acknowledgement of the request is lost"
    Then what Spine did not acknowledge is sent again with the same MessageId and the same bytes
    And one EHR request is sent
    And each extract gets one final acknowledgement

  @requester @must @req:S85 @req:S240 @req:S67
  Scenario: The record is asked for again
    Given a transfer in which "the record is asked for again after a refusal"
    Then a request that is made again has a conversation and ids of its own
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

  @requester @must @req:TD18.1 @req:S5 @req:S111 @req:S102
  Scenario: Spine refuses the request
    Given a transfer in which "Spine refuses the request"
    Then what Spine refuses is not sent again and nothing else follows
    And the refused request is shown as refused
    And the user is told that the transfer failed, and by which code
    And the failure is told in words beside its code

  @requester @must @req:C-08 @req:TD18.1 @req:EB-09 @req:EB-10 @req:S5
  Scenario: Spine never takes the request
    Given a transfer in which "Spine never takes the request"
    Then an unacknowledged message is sent as often as the contract says and no oftener
    And the refused request is shown as refused
    And the user is told that the transfer failed, and by which code

  @requester @must @req:MODE05
  Scenario: GP2GP is switched off
    Given a transfer in which "a patient registers while GP2GP is switched off"
    Then a registration leads to no request while GP2GP is switched off
