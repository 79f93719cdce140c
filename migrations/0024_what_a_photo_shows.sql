-- What a photo or document was said to show (`damage`, `packaging`, …; `Shows` of the domain): given in the place that asks for it. Nothing for
-- what was given without saying, before there were such places, or by a server of the version before.
ALTER TABLE evidence ADD COLUMN shows TEXT;
ALTER TABLE uploads ADD COLUMN shows TEXT;
