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
  Scenario: The request has no NHS number
    Given a transfer in which "the request has no NHS number"
    Then a request that cannot be processed is refused with 18
    And no extract is sent for a refused request
    And acknowledgements are spelt as the standard has them

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
