Feature: The request is refused
  Each cause has its code; a refused request gets no extract.

  @sender @must @req:S30 @req:TD51 @req:TD51.3 @req:RC99
  Scenario: The patient is not here
    Given a transfer in which "the patient is not at the surgery"
    Then a request for a patient not at the surgery is refused with 06
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them
    And negative acknowledgements say their code in words
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:TD51 @req:TD51.2 @req:MODE02
  Scenario: GP2GP is disabled
    Given a transfer in which "GP2GP is not enabled"
    Then a request is refused with 07 while GP2GP is disabled
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

  @sender @must @req:MODE03
  Scenario: GP2GP is enabled again
    Given a transfer in which "GP2GP is switched on again after a refusal"
    Then a request is refused with 07 while GP2GP is disabled
    And what was refused while GP2GP was off is not taken up when it is on again

  @sender @must @req:TD52.2 @req:S264 @req:S41 @req:S107
  Scenario: The extract cannot be made
    Given a transfer in which "the extract cannot be generated"
    Then a request whose extract cannot be generated is refused with 10
    And no extract is sent for a refused request
    And the user is told that the transfer failed, and by which code
    And the failure is told in words beside its code
    And acknowledgements are spelt as the standard has them

  @sender @must @req:TD51.1
  Scenario Outline: The request lacks what an answer needs
    Given a transfer in which "<transfer>"
    Then a request that cannot be processed is refused with 18
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

    Examples:
      | transfer                      |
      | the request has no NHS number |
      | the request has no author     |
      | the request has no id         |

  @sender @must @req:TD51.1 @req:S32
  Scenario: The request cannot be read
    Given a transfer in which "the request is not well-formed"
    Then a request that cannot be read is refused with 18, or on the transport
    And no extract is sent for a refused request

  @sender @must @req:S263 @req:S99 @req:TD51.1
  Scenario: The request is of another version
    Given a transfer in which "a request of another version comes"
    Then a DMS 1 request is neither acknowledged positively nor answered in MIM 3
    And a request that cannot be read is refused with 18, or on the transport
    And no extract is sent for a refused request

  @sender @must @req:S32 @req:C-21
  Scenario: The request does not say which ASID sent it
    Given a transfer in which "the request does not say which ASID sent it"
    Then no extract is sent for a refused request
    And what the system does about it is noted

  @sender @must @req:C-06 @req:C-21
  Scenario: The request comes from another ASID
    Given a transfer in which "the request comes from another ASID"
    Then what the system does about it is noted
    And every message that Spine delivers is acknowledged, citing its MessageId

  @sender @should @req:C-20
  Scenario: Nobody knows the interaction
    Given a transfer in which "a message of an unknown interaction comes"
    Then a message of an interaction that nobody knows gets no application answer

  @sender @must @req:S31 @req:TD51.4.4
  Scenario Outline: The requester is not the current practice
    Given a transfer in which "<transfer>"
    Then a request of another than the current practice is refused with 19
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

    Examples:
      | transfer                                  |
      | the requester is not the current practice |
      | the patient is suspended                  |

  @sender @must @req:TD51.4.2 @req:S41
  Scenario: PDS fails
    Given a transfer in which "PDS fails"
    Then a request is refused with 20 when a Spine service fails
    And no extract is sent for a refused request
    And the user is told that the transfer failed, and by which code
    And acknowledgements are spelt as the standard has them

  @sender @should @req:UC-A
  Scenario: Spine refuses the refusal
    Given a transfer in which "Spine refuses the refusal of the request"
    Then a refusal with 20 that Spine refuses is not followed by another

  @sender @must @req:TD55 @req:S5 @req:S41
  Scenario: Spine refuses the extract
    Given a transfer in which "Spine refuses the extract"
    Then when Spine refuses the extract the request is refused with 20
    And the user is told that the transfer failed, and by which code
    And acknowledgements are spelt as the standard has them
