Feature: The extract arrives with documents
  A document is filed as its author made it, under the name that its description gives.

  @requester @must @req:S66 @req:TD30 @req:AR11 @req:LM40 @req:TD22.1
  Scenario: A record with documents
    Given a transfer in which "a record with two documents is integrated"
    Then the integrated extract is acknowledged positively, citing it
    And every document of the record is filed as it was sent
    And every document is filed under its name
    And no continue goes out for an extract that came whole
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:S66 @req:S67
  Scenario: A record with as many documents as a message holds
    Given a transfer in which "a record with 98 documents is integrated"
    Then the integrated extract is acknowledged positively, citing it
    And every document of the record is filed as it was sent
    And no continue goes out for an extract that came whole

  @requester @must @req:S66 @req:LM40
  Scenario Outline: A document has an odd name
    Given a transfer in which "<transfer>"
    Then the integrated extract is acknowledged positively, citing it
    And every document of the record is filed as it was sent
    And every document is filed under its name

    Examples:
      | transfer                                                    |
      | a file name has blanks and an equals sign                   |
      | a file name has XML characters and accents                  |
      | the reference of a document has blanks and brackets encoded |
      | the reference of a document has underscores encoded         |

  @requester @must @req:S66 @req:LM41
  Scenario: A document comes compressed
    Given a transfer in which "a document comes compressed"
    Then the integrated extract is acknowledged positively, citing it
    And every document of the record is filed as it was sent
    And every document is filed under its name
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:S66 @req:S67
  Scenario Outline: A document travels or is described in another way
    Given a transfer in which "<transfer>"
    Then the integrated extract is acknowledged positively, citing it
    And every document of the record is filed as it was sent
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                      |
      | a text document comes in 8bit                 |
      | a record with a placeholder is integrated     |
      | two documents have one name                   |
      | a description has no length                   |
      | a description has a length that is off by one |
      | a description has a key that nobody knows     |

  @requester @must @req:TD22 @req:S68
  Scenario Outline: Manifest and record do not agree
    Given a transfer in which "<transfer>"
    Then the extract is integrated, or refused with 21
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                          |
      | the underscore stands in the HL7 id alone         |
      | the record refers to a document that did not come |

  @requester @must @req:S68 @req:TD22
  Scenario Outline: A document cannot be processed
    Given a transfer in which "<transfer>"
    Then an extract that cannot be processed is refused with 21
    And acknowledgements are spelt as the standard has them
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                            |
      | an extract comes without an attachment it announces |
      | a description has no file name                      |
