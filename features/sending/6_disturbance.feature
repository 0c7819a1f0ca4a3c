Feature: Spine has a bad day while a record is asked for
  What is lost, late, torn or damaged on one hop is mended on that hop; what Spine refuses for good is told.

  @sender @must @req:TD52 @req:S43 @req:TD62 @req:TD64 @req:C-06
  Scenario Outline: It arrives in the end
    Given a transfer in which "the record is sent"
    When Spine <does>
    Then one extract is sent for the request
    And the request is acknowledged positively once, after the extract
    And the transfer is shown as its final acknowledgement has it
    And every message that Spine delivers is acknowledged, citing its MessageId

    Examples:
      | does                                        |
      | loses the request                           |
      | delivers the request in drips               |
      | breaks off in the middle of the request     |
      | loses the final acknowledgement twice       |
      | breaks off instead of answering the extract |
      | answers the extract in drips                |

  @sender @must @req:C-23 @req:TD52 @req:S43
  Scenario Outline: The envelope is damaged on the way
    Given a transfer in which "the record is sent"
    When Spine <does>
    Then what arrives damaged is refused, on the transport or by an answer, and not silently lost
    And one extract is sent for the request

    Examples:
      | does                                      |
      | delivers the request with a damaged octet |
      | delivers the request with a damaged field |

  @sender @must @req:C-23
  Scenario Outline: The payload is damaged on the way
    Given a transfer in which "the record is sent"
    When Spine <does>
    Then what arrives damaged is refused, on the transport or by an answer, and not silently lost

    Examples:
      | does                                          |
      | delivers the request without its payload      |
      | delivers the request in another character set |
      | delivers the request cut short                |

  @sender @must @req:C-22 @req:TD52
  Scenario Outline: Somebody else seems to deliver it
    Given a transfer in which "the record is sent"
    When Spine <does>
    Then a delivery under a certificate that is not to be trusted, or without one, is refused
    And one extract is sent for the request

    Examples:
      | does                                                             |
      | delivers the request under a certificate of an unknown authority |
      | delivers the request under an expired certificate                |
      | delivers the request without a certificate                       |

  @sender @must @req:TD55 @req:RC20
  Scenario Outline: Spine refuses the extract
    Given a transfer in which "the record is sent"
    When Spine <does>
    Then when Spine refuses the extract the request is refused with 20

    Examples:
      | does                                    |
      | answers the extract with a SOAP fault   |
      | answers the extract with a MessageError |

  @sender @must @req:C-18 @req:TD64
  Scenario: Spine takes the extract and cannot deliver it
    Given a transfer in which "the extract is sent, and its receiver may never see it"
    When Spine refuses the extract with an HL7 NACK
    Then the transfer is shown as its final acknowledgement has it

  @sender @must @req:C-21
  Scenario: The request comes when its time is over
    Given a transfer in which "the record is sent"
    When Spine delivers the request when its time to live is over
    Then what the system does about it is noted
