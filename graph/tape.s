// Nothing is here: a package with a file of assembly may declare functions without a body, which tape.go does.
