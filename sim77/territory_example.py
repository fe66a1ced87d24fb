"""A fake territory of three communes, to learn the form of the tables and to test with."""

from __future__ import annotations

from pathlib import Path

_TABLES = {
    "communes": """\
code,name,arrondissement,lat,lon,area_km2,population,urban_type,corridor,fibre_start,\
residents_at_work,residents_at_work_estimated,source
99001,Bourg,melun,48.55,2.70,10,6000,suburb,R1,2014-01-01,360,1,invented
99002,Village,melun,48.50,2.80,20,1200,rural,R1,2019-01-01,120,1,invented
99003,Ville,melun,48.60,2.60,6,15000,urban-core,R1,2014-06-01,150,1,invented
""",
    "flows": """\
commune_code,workplace_zone,workers,estimated,source
99001,paris,150,1,invented
99001,inner-ring,60,1,invented
99001,within,120,1,invented
99001,outer-ring,30,1,invented
99002,paris,40,1,invented
99002,inner-ring,20,1,invented
99002,within,50,1,invented
99002,outer-ring,10,1,invented
99003,paris,70,1,invented
99003,inner-ring,30,1,invented
99003,within,40,1,invented
99003,outer-ring,10,1,invented
""",
    "workplaces": """\
zone,code,name,lat,lon,jobs_weight,estimated,source
paris,75,Paris,48.8530,2.3499,1000,1,invented
inner-ring,94,Créteil,48.7904,2.4556,500,1,invented
within,99001,Bourg,48.55,2.70,200,1,invented
within,99002,Village,48.50,2.80,40,1,invented
within,99003,Ville,48.60,2.60,400,1,invented
outer-ring,91,Évry,48.6243,2.4292,400,1,invented
""",
    "stations": """\
station_service_id,station,line,branch,lat,lon,commune_code,in_territory,terminus,minutes,\
minutes_estimated,trains_peak_hour,trains_peak_hour_estimated,parent,change_at_parent,source
T-main-ville,Ville,T,main,48.60,2.61,99003,1,Paris Terminus,28,1,6,1,,0,invented
T-main-bourg,Bourg,T,main,48.55,2.71,99001,1,Paris Terminus,38,1,4,1,T-main-ville,0,invented
T-main-village,Village,T,main,48.51,2.79,99002,1,Paris Terminus,47,1,2,1,T-main-bourg,0,invented
""",
    "lines": """\
line,kind,seats_per_train,places_per_train,target_load_factor,capacity_estimated,\
target_estimated,label_fr,label_en,source
T,other,500,1000,0.8,1,1,Ligne T,Line T,invented
""",
    "rail_changes": """\
date,line,station_service_id,field,value,estimated,source
2017-09-01,T,,seats_per_train,550,1,invented
""",
    "corridors": """\
corridor,name,capacity_veh_per_hour,capacity_estimated,source
R1,Road 1,3000,1,invented
""",
    "corridor_axes": """\
corridor,order,lat,lon,source
R1,1,48.82,2.41,invented
R1,2,48.60,2.60,invented
R1,3,48.45,2.85,invented
""",
    "telecentres": """\
telecentre_id,name,commune_code,lat,lon,in_territory,kind,area,opening_date,opening_estimated,\
closing_date,desks,desks_estimated,operator,source
bourg,Bourg centre,99001,48.55,2.70,1,telecentre,urban,2014-01-01,1,,12,1,invented,invented
village,Village centre,99002,48.50,2.80,1,coworking,rural,2014-07-01,1,,6,1,invented,invented
""",
}

_MIX = {
    "managers": "0.20", "intermediate": "0.29", "clerical": "0.30", "manual": "0.16",
    "independents": "0.05",
}  # fmt: skip


def write_example(folder: str | Path) -> Path:
    """Write a small invented territory that passes the check.

    Three communes, one line of three stations, one road corridor, two telecentres and about 600
    workers.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; tables of the same names in it are overwritten.

    Returns
    -------
    Path
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["workplace_zone,group,share,estimated,source"]
    for zone in ("paris", "inner-ring", "within", "outer-ring"):
        rows += [f"{zone},{group},{share},1,invented" for group, share in _MIX.items()]
    for name, text in {**_TABLES, "occupations": "\n".join(rows) + "\n"}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    return folder
