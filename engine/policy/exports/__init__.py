"""The policy in the vocabularies of others: the Data Privacy Vocabulary of the W3C, and fideslang."""
