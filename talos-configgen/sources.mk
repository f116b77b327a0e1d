# talos-configgen

CG := talos-configgen/src
