mod shake;
