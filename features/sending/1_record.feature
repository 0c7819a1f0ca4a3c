Feature: The record is sent
  A request that nothing speaks against is answered with the extract, and then acknowledged.

  @sender @must @req:TD52 @req:S38 @req:S43 @req:S264 @req:TD62 @req:S33 @req:S34 @req:TD51.4
  Scenario: A small record
    Given a transfer in which "the record is sent"
    Then one extract is sent for the request
    And the extract is of the kind that was held
    And the extract names patient, both practices and the request it answers
    And the request is acknowledged positively once, after the extract
    And the current practice is read from PDS before the extract is sent
    And nothing is sent in answer to the final acknowledgement
    And the transfer is shown as its final acknowledgement has it
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

  @sender @must @req:TD54 @req:GP2GP06
  Scenario: A redacted record
    Given a transfer in which "a redacted record is sent"
    Then one extract is sent for the request
    And the extract is of the kind that was held
    And the extract names patient, both practices and the request it answers
    And the request is acknowledged positively once, after the extract
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:AR01 @req:AR03 @req:AR10 @req:AR15 @req:LM24 @req:TD52.3 @req:TD52.4 @req:S49 @req:AR05
  Scenario: A record with documents
    Given a transfer in which "a record with two documents is sent"
    Then every document of the record is in the manifest under its id
    And the ids of the manifest begin with an underscore
    And documents are referred to by file://localhost and their GUID
    And every document's description has its keys and its true length
    And documents are MIME parts of their own, in base64
    And every document arrives as the record holds it
    And one extract is sent for the request
    And the extract is of the kind that was held
    And the extract names patient, both practices and the request it answers
    And the request is acknowledged positively once, after the extract
    And every message is framed as MIME and HTTP demand
    And every message keeps the forward-reliable contract
    And Service, Action, SOAPAction and payload name one interaction
    And From, To and CPAId are those of the two practices' contracts
    And the manifest names the payload first and every part of the package
    And MessageIds are upper-case UUIDs, each used for one message
    And one upper-case ConversationId runs through the whole transfer
    And every MIME part has the three headers that GP2GP asks for
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:LM29 @req:S49
  Scenario Outline: Documents of many types
    Given a transfer in which "<transfer>"
    Then documents keep their type, in parts of types that Spine carries
    And every document arrives as the record holds it
    And every document's description has its keys and its true length
    And one extract is sent for the request
    And every message is valid against its schema
    And every message keeps the rules of its kind

    Examples:
      | transfer                                                   |
      | a record with documents of ten types is sent               |
      | a record with a document that Spine does not carry is sent |

  @sender @must @req:S53 @req:PH07
  Scenario: A placeholder from an earlier transfer
    Given a transfer in which "a placeholder that came with the record is sent on"
    Then every document arrives as the record holds it
    And every document of the record is in the manifest under its id
    And one extract is sent for the request
    And the request is acknowledged positively once, after the extract
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:AR15 @req:AR01 @req:S49
  Scenario: A document of an unusual name
    Given a transfer in which "a record with a document of an unusual name is sent"
    Then documents are referred to by file://localhost and their GUID
    And every document of the record is in the manifest under its id
    And every document arrives as the record holds it
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:W-05 @req:S232
  Scenario: A text with the characters of markup
    Given a transfer in which "the text of the record holds the characters of markup"
    Then the text of the record is sent as it was written
    And one extract is sent for the request
    And every message is valid against its schema
    And every message keeps the rules of its kind
