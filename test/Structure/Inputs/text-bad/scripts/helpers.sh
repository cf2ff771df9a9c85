#!/usr/bin/env bash
cd /home/me
