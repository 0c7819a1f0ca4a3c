Feature: The extract arrives
  What can be processed waits for the user; what cannot is refused with its code, citing the extract.

  @requester @must @req:S67
  Scenario: A redacted record
    Given a transfer in which "a redacted record is integrated"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And nothing is acknowledged before the user decides
    And the transfer is shown as integrated

  @requester @must @req:TD27 @req:TD27.1 @req:TD21 @req:RC99
  Scenario: Nobody requested it
    Given a transfer in which "an extract comes that nobody requested"
    Then an extract that nobody requested is refused with 09
    And acknowledgements are spelt as the standard has them
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:TD27 @req:TD27.2
  Scenario: A second one while the first waits
    Given a transfer in which "a second extract comes while the first waits for the user"
    Then the second extract is refused with 12
    And the refusal of the second extract cites the second extract
    And the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement

  @requester @must @req:S60
  Scenario: A second one after integration
    Given a transfer in which "a second extract comes after the first was integrated"
    Then the second extract is refused with 12
    And the refusal of the second extract cites the second extract

  @requester @must @req:MODE02
  Scenario: It comes while GP2GP is switched off
    Given a transfer in which "an extract comes while GP2GP is switched off"
    Then an extract is refused with 07 while GP2GP is switched off
    And acknowledgements are spelt as the standard has them
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:TD22
  Scenario: It is not well-formed
    Given a transfer in which "an extract comes that is not well-formed"
    Then an extract that cannot be processed is refused with 21
    And acknowledgements are spelt as the standard has them

  @requester @must @req:S68
  Scenario: It is of another patient
    Given a transfer in which "an extract of another patient comes"
    Then the record of another patient is not taken for the requested one
    And acknowledgements are spelt as the standard has them

  @requester @must @req:S67
  Scenario: A second one after the integration failed
    Given a transfer in which "a second extract comes after the integration failed"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:S67
  Scenario Outline: It is odd, and can be taken
    Given a transfer in which "<transfer>"
    Then the integrated extract is acknowledged positively, citing it
    And each extract gets one final acknowledgement
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | transfer                                           |
      | the extract does not say who it is for             |
      | the author's time stands in the wrong attribute    |
      | the extract has codes and people that nobody knows |
      | the extract comes in many lines                    |
      | the extract has three megabytes of entries         |
      | the text has characters of four octets             |
      | the payload is in ISO-8859-1                       |

  @requester @must @req:TD22 @req:C-21
  Scenario: It answers another request
    Given a transfer in which "the extract answers another request"
    Then the extract is integrated, or refused with 21
    And what the system does about it is noted
    And every message that Spine delivers is acknowledged, citing its MessageId

  @requester @must @req:C-21
  Scenario: It is well-formed and not valid
    Given a transfer in which "the elements of the extract are in the wrong order"
    Then what the system does about it is noted
    And every message that Spine delivers is acknowledged, citing its MessageId
