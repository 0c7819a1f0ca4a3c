Feature: The request is refused
  Each cause has its code; a refused request gets no extract.

  @sender @must @req:S30 @req:TD51.3
  Scenario: The patient is not here
    Given a transfer in which "the patient is not at the surgery"
    Then a request for a patient not at the surgery is refused with 06
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them
    And negative acknowledgements say their code in words
    And every message is valid against its schema
    And every message keeps the rules of its kind

  @sender @must @req:TD51.2
  Scenario: GP2GP is disabled
    Given a transfer in which "GP2GP is not enabled"
    Then a request is refused with 07 while GP2GP is disabled
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

  @sender @must @req:TD52.2
  Scenario: The extract cannot be made
    Given a transfer in which "the extract cannot be generated"
    Then a request whose extract cannot be generated is refused with 10
    And no extract is sent for a refused request
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
  Scenario Outline: The request cannot be read
    Given a transfer in which "<transfer>"
    Then a request that cannot be read is refused with 18, or on the transport
    And no extract is sent for a refused request

    Examples:
      | transfer                           |
      | the request is not well-formed     |
      | a request of another version comes |

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

  @sender @must @req:TD51.4.2
  Scenario: PDS fails
    Given a transfer in which "PDS fails"
    Then a request is refused with 20 when a Spine service fails
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

  @sender @must @req:TD55
  Scenario: Spine refuses the extract
    Given a transfer in which "Spine refuses the extract"
    Then when Spine refuses the extract the request is refused with 20
    And acknowledgements are spelt as the standard has them
