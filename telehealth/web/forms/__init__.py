"""Forms: what was typed, turned into what use cases take. Whether it suffices is the domain's business."""
