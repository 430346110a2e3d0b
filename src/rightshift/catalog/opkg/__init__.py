"""OpenWrt's and Yocto's packages."""
