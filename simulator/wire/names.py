"""Namespaces, OIDs, URNs and fixed values, each with its source. Constants only."""

from __future__ import annotations

# -- namespaces
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EB = "http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Real GP2GP traffic binds xsi to w3c.org, a host that the namespace never had; written so, because receivers compare
# captures byte for byte and nothing inside the envelope uses the prefix.
XSI_AS_SENT = "http://www.w3c.org/2001/XML-Schema-Instance"
# Suppliers write "ebxml", Spine and the MHS adaptor "ebXML": both are read.
HL7EBXML = "urn:hl7-org:transport/ebXML/DSTUv1.0"
HL7EBXML_LOWER = "urn:hl7-org:transport/ebxml/DSTUv1.0"
HL7 = "urn:hl7-org:v3"
GP2GP = "urn:nhs:names:services:gp2gp"
NPFITLC = "NPFIT:HL7:Localisation"
NASP = "http://national.carerecords.nhs.uk/schema/"

# -- ebXML fixed values
PARTY_TYPE = "urn:nhs:names:partyType:ocs+serviceInstance"
ACTOR_NEXT_MSH = "urn:oasis:names:tc:ebxml-msg:actor:nextMSH"
ACTOR_TO_PARTY_MSH = "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH"
ACTOR_SYNC_REPLY = "http://schemas.xmlsoap.org/soap/actor/next"
EBXML_ERROR_CONTEXT = "urn:oasis:names:tc:ebxml-msg:service:errors"
TMS_ERROR_CONTEXT = "urn:nhs:names:error:tms"
SIGNAL_SOAP_ACTION = "urn:oasis:names:tc:ebxml-msg:service/Acknowledgment"
# Code of Spine's lineage doubles the prefix; both are read.
SIGNAL_SOAP_ACTION_DOUBLED = "urn:urn:oasis:names:tc:ebxml-msg:service/Acknowledgment"
BOUNDARY = "--=_MIME-Boundary"
ENVELOPE_CONTENT_ID = "ebXMLHeader@spine.nhs.uk"

# -- OIDs
OID_INTERACTION = "2.16.840.1.113883.2.1.3.2.4.12"
OID_ASID = "1.2.826.0.1285.0.2.0.107"
OID_ODS = "1.2.826.0.1285.0.1.10"
OID_NHS_NUMBER = "2.16.840.1.113883.2.1.4.1"
OID_RESPONSE_CODE = "2.16.840.1.113883.2.1.3.2.4.17.101"
OID_QUALIFIER = "2.16.840.1.113883.2.1.3.2.4.17.104"
OID_SPINE_ERROR = "2.16.840.1.113883.2.1.3.2.4.17.32"
OID_COPC_CODE = "2.16.840.1.113883.2.1.3.2.4.17.202"
OID_COPC_MESSAGE_TYPE = "2.16.840.1.113883.2.1.3.2.4.18.17"
OID_SNOMED = "2.16.840.1.113883.2.1.3.2.4.15"
