"""Entity Engine: a folder of YAML goes in, a running business application comes out."""
